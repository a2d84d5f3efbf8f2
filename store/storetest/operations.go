package storetest

import (
	"fmt"
	"reflect"
	"time"

	"fondaco/store"
)

func operation(id string) store.Operation {
	return store.Operation{
		ID: id, Route: "segnalazioni", Owner: "h4sh", State: store.Accepted, Created: start, Updated: start,
		ReplyTo: "https://ente.example/esiti?a=b",
	}
}

func operations(b *bench) {
	ops := b.s.Operations()
	b.must(ops.Create(b.Context(), operation("1")))
	b.gives(ops.Create(b.Context(), operation("1")), store.ErrExists)
	_, err := ops.Get(b.Context(), "2")
	b.gives(err, store.ErrAbsent)
	_, err = ops.State(b.Context(), "2")
	b.gives(err, store.ErrAbsent)
	b.gives(ops.Set(b.Context(), "2", store.Done, 1, reply, start), store.ErrAbsent)
	check := func(want store.Operation) {
		b.Helper()
		for range 2 {
			got, err := b.s.Operations().Get(b.Context(), "1")
			b.must(err)
			got.Cursor = ""
			if len(got.Answer.Body) == 0 {
				got.Answer.Body = nil
			}
			if !reflect.DeepEqual(got, want) {
				b.Errorf("the operation is %+v\nexpected %+v", got, want)
			}
			state, err := b.s.Operations().State(b.Context(), "1")
			b.must(err)
			equal(b, "the operation's state", state, want.State)
			b.reopen()
		}
	}
	want := operation("1")
	check(want)
	for i, state := range []store.OperationState{store.Working, store.Waiting, store.Failed, store.Working, store.Done} {
		want.State, want.Updated = state, start.Add(time.Duration(i)*time.Minute)
		end := 0
		if want.Answer = (store.Answer{}); state == store.Done || state == store.Failed {
			want.Answer = reply
			want.End++
			end = want.End
		}
		b.must(b.s.Operations().Set(b.Context(), "1", state, end, want.Answer, want.Updated))
		check(want)
	}
	b.must(b.s.Operations().Set(b.Context(), "1", store.Working, 0, store.Answer{}, start.Add(time.Hour))) // it came twice
	check(want)
}

func operationsCancelled(b *bench) {
	ops := b.s.Operations()
	b.gives(ops.Cancel(b.Context(), "1", reply, start), store.ErrAbsent)
	b.must(ops.Create(b.Context(), operation("1")))
	later := start.Add(time.Minute)
	b.must(ops.Cancel(b.Context(), "1", reply, later))
	b.must(ops.Cancel(b.Context(), "1", store.Answer{}, later.Add(time.Hour)))                        // again: as it is
	b.must(ops.Set(b.Context(), "1", store.Done, 1, store.Answer{Status: 200}, later.Add(time.Hour))) // it stays cancelled
	for range 2 {
		o, err := b.s.Operations().Get(b.Context(), "1")
		b.must(err)
		if o.State != store.Cancelled || !o.Updated.Equal(later) || o.Answer.Status != reply.Status {
			b.Errorf("the operation is %+v", o)
		}
		b.reopen()
	}
	for i, state := range []store.OperationState{store.Working, store.Waiting, store.Done, store.Failed} {
		id := fmt.Sprint("begun", i)
		b.must(b.s.Operations().Create(b.Context(), operation(id)))
		b.must(b.s.Operations().Set(b.Context(), id, state, 1, reply, later))
		b.gives(b.s.Operations().Cancel(b.Context(), id, store.Answer{Status: 410}, later), store.ErrBegun)
		o, err := b.s.Operations().Get(b.Context(), id)
		b.must(err)
		if o.State != state || o.Answer.Status != reply.Status {
			b.Errorf("after a refused cancellation the operation is %+v", o)
		}
	}
}

func operationsListed(b *bench) {
	for i := range 25 {
		o := operation(fmt.Sprint(i))
		o.Updated = start.Add(time.Duration(i/10) * time.Second) // many at one time
		b.must(b.s.Operations().Create(b.Context(), o))
	}
	b.must(b.s.Operations().Set(b.Context(), "3", store.Done, 1, reply, start.Add(time.Hour)))
	var got []string
	for after := ""; ; {
		page, err := b.s.Operations().List(b.Context(), store.Accepted, 7, after)
		b.must(err)
		if len(page) == 0 {
			break
		}
		for _, o := range page {
			got, after = append(got, o.ID), o.Cursor
		}
	}
	var want []string
	for i := range 25 {
		if i != 3 {
			want = append(want, fmt.Sprint(i))
		}
	}
	if !reflect.DeepEqual(got, want) {
		b.Errorf("listed %v", got)
	}
	page, err := b.s.Operations().List(b.Context(), store.Done, 7, "")
	b.must(err)
	if len(page) != 1 || page[0].ID != "3" || page[0].Answer.Status != 201 || page[0].Answer.Body != nil || page[0].ReplyTo == "" {
		b.Errorf("listed %+v", page)
	}
	counts, err := b.s.Operations().Counts(b.Context(), store.Accepted, store.Done, store.Failed)
	b.must(err)
	route := operation("").Route
	if !reflect.DeepEqual(counts, []store.OperationCount{
		{Route: route, State: store.Accepted, Operations: 24}, {Route: route, State: store.Done, Operations: 1},
	}) {
		b.Errorf("counted %+v", counts)
	}
	if counts, err = b.s.Operations().Counts(b.Context(), store.Failed); err != nil || len(counts) > 0 {
		b.Errorf("counted %+v: %v", counts, err)
	}
	if _, err = b.s.Operations().List(b.Context(), store.Done, 7, "nowhere"); err == nil {
		b.Error("a list began nowhere")
	}
}

func operationsForgotten(b *bench) {
	b.reopen(store.Limits{Operations: time.Hour})
	for i, state := range []store.OperationState{store.Accepted, store.Working, store.Waiting, store.Done, store.Failed, store.Done} {
		o := operation(fmt.Sprint(i))
		o.State = state
		if i == 5 {
			o.Updated = start.Add(time.Minute)
		}
		b.must(b.s.Operations().Create(b.Context(), o))
	}
	swept, err := b.s.Sweep(b.Context(), start.Add(time.Hour+time.Second))
	b.must(err)
	equal(b, "swept", swept, store.Swept{Operations: 2})
	for i, gone := range []bool{false, false, false, true, true, false} {
		if _, err := b.s.Operations().Get(b.Context(), fmt.Sprint(i)); (err != nil) != gone {
			b.Errorf("operation %d: %v", i, err)
		}
	}
}
