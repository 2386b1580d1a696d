package main

import (
	"encoding/json"
	"io"
	"time"
)

// logger writes one JSON object a line, as KES does on its standard error.
type logger struct {
	out io.Writer
	now func() time.Time
}

func newLogger(out io.Writer, now func() time.Time) logger {
	return logger{out: out, now: now}
}

// event writes one line; fields are pairs of a name and a value. Nothing secret is ever among them.
func (l logger) event(level, message string, fields ...any) {
	line := map[string]any{"time": l.now().UTC(), "level": level, "from": "launcher", "msg": message}
	for i := 0; i+1 < len(fields); i += 2 {
		if name, ok := fields[i].(string); ok {
			line[name] = fields[i+1]
		}
	}
	text, err := json.Marshal(line)
	if err != nil {
		return
	}
	_, _ = l.out.Write(append(text, '\n'))
}
