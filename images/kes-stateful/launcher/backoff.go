package main

import "time"

const (
	firstDelay   = 50 * time.Millisecond
	longestDelay = 5 * time.Second
	// healthyAfter is how long KES must have run for its end to count as the first one again.
	healthyAfter = 30 * time.Second
)

// backoff says how long to wait before KES is started again after it ended by itself: not at all the first time, then
// twice as long each time.
type backoff struct {
	ends int
}

func (b *backoff) next(ranFor time.Duration) time.Duration {
	if ranFor >= healthyAfter {
		b.ends = 0
	}
	b.ends++
	if b.ends == 1 {
		return 0
	}
	delay := firstDelay
	for i := 2; i < b.ends && delay < longestDelay; i++ {
		delay *= 2
	}
	return min(delay, longestDelay)
}
