//go:build !linux

package embedded

func inMemory() string { return "" }
