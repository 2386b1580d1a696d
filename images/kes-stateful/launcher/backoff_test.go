package main

import (
	"testing"
	"time"
)

func TestTheFirstEndCostsNoDelayAndLaterOnesDouble(t *testing.T) {
	var b backoff
	for _, want := range []time.Duration{0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000} {
		if got := b.next(time.Second); got != want*time.Millisecond {
			t.Fatalf("delay %v, want %v", got, want*time.Millisecond)
		}
	}
}

func TestHalfAMinuteOfHealthForgetsEarlierEnds(t *testing.T) {
	b := backoff{ends: 7}
	if got := b.next(healthyAfter); got != 0 {
		t.Fatalf("delay %v", got)
	}
}
