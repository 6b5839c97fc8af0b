package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// request is one write; those of one group follow each other, the groups run side by side.
type request struct {
	Group  string          `json:"group"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Media  string          `json:"media"`
	Body   json.RawMessage `json:"body"`
}

// write sends requests, one a line, and prints the seconds from the first to the last answer.
func write(to *api, lines io.Reader, atOnce int) error {
	groups := [][]request{}
	numbers := map[string]int{}
	for scan := json.NewDecoder(bufio.NewReader(lines)); ; {
		var next request
		if err := scan.Decode(&next); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		number, known := numbers[next.Group]
		if !known {
			number = len(groups)
			numbers[next.Group] = number
			groups = append(groups, nil)
		}
		groups[number] = append(groups[number], next)
	}
	begin := time.Now()
	err := each(0, len(groups), atOnce, func(number int) error {
		for _, next := range groups[number] {
			if _, err := to.call(next.Method, next.Path, next.Media, next.Body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("%.6f\n", time.Since(begin).Seconds())
	return nil
}
