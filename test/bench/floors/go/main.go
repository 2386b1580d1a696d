// The floor for Go: net/http over TLS 1.3, encoding/json into Kubernetes' own types, operations written by hand.
// No log, no metrics, no validation.   floor ADDRESS tls.crt tls.key
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	admission "k8s.io/api/admission/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

const files = "/run/kes-injector"

var mode = int32(0o440)

var variables = []core.EnvVar{
	{Name: "MINIO_KMS_KES_ENDPOINT", Value: "https://kes-default.kes-system.svc:7373"},
	{Name: "MINIO_KMS_KES_KEY_NAME", Value: "team-a_minio"},
	{Name: "MINIO_KMS_KES_CERT_FILE", Value: files + "/tls.crt"},
	{Name: "MINIO_KMS_KES_KEY_FILE", Value: files + "/tls.key"},
	{Name: "MINIO_KMS_KES_CAPATH", Value: files + "/ca.crt"},
}

var mount = core.VolumeMount{Name: "kes-injector", MountPath: files, ReadOnly: true}

var volume = core.Volume{Name: "kes-injector", VolumeSource: core.VolumeSource{
	Projected: &core.ProjectedVolumeSource{DefaultMode: &mode, Sources: []core.VolumeProjection{{
		Secret: &core.SecretProjection{
			LocalObjectReference: core.LocalObjectReference{Name: "kes-client"},
			Items:                []core.KeyToPath{{Key: "tls.crt", Path: "tls.crt"}, {Key: "tls.key", Path: "tls.key"}, {Key: "ca.crt", Path: "ca.crt"}},
		},
	}}},
}}

func plan(pod *core.Pod) []operation {
	for index := range pod.Spec.Containers {
		container := &pod.Spec.Containers[index]
		if container.Name != "minio" {
			continue
		}
		there := map[string]bool{}
		for _, variable := range container.Env {
			there[variable.Name] = true
		}
		operations := []operation{
			{"add", "/spec/volumes/-", volume},
			{"add", fmt.Sprintf("/spec/containers/%d/volumeMounts/-", index), mount},
		}
		for at, variable := range variables {
			if !there[variable.Name] {
				operations = append(operations, operation{"add", fmt.Sprintf("/spec/containers/%d/env/%d", index, at), variable})
			}
		}
		return operations
	}
	return nil
}

func answer(body []byte) ([]byte, error) {
	var review admission.AdmissionReview
	if err := json.Unmarshal(body, &review); err != nil {
		return nil, err
	}
	var pod core.Pod
	if err := json.Unmarshal(review.Request.Object.Raw, &pod); err != nil {
		return nil, err
	}
	patch, err := json.Marshal(plan(&pod))
	if err != nil {
		return nil, err
	}
	kind := admission.PatchTypeJSONPatch
	return json.Marshal(admission.AdmissionReview{
		TypeMeta: meta.TypeMeta{APIVersion: review.APIVersion, Kind: review.Kind},
		Response: &admission.AdmissionResponse{UID: review.Request.UID, Allowed: true, PatchType: &kind, Patch: patch},
	})
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/mutate", func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		var text []byte
		if err == nil {
			text, err = answer(body)
		}
		if err != nil {
			http.Error(response, "bad request", http.StatusBadRequest)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		_, _ = response.Write(text)
	})
	server := &http.Server{
		Addr:      os.Args[1],
		Handler:   mux,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}},
	}
	log.Fatal(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}
