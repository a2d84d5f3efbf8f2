package storage

import (
	"sync"

	"fondaco/connectors/mask"
	"fondaco/routes"
)

// consuming knows which route works on the messages of a topic for a group. Safe for concurrent use.
type consuming struct {
	mu    sync.RWMutex
	at    map[[2]string]*routes.Consumer
	group map[[2]string]string // the group that one is by now, of those that were joined
}

// take learns the consumers of a program. Those of earlier programs stay known: their messages may still be there.
func (c *consuming) take(list []*routes.Consumer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[[2]string]*routes.Consumer{}
	}
	c.group = map[[2]string]string{}
	for _, x := range list {
		for _, other := range x.Also {
			c.at[[2]string{x.Topic, other}], c.group[[2]string{x.Topic, other}] = x, x.Group
		}
	}
	for _, x := range list {
		c.at[[2]string{x.Topic, x.Group}] = x
	}
}

// Route names the route; "" for a group of others.
func (c *consuming) Route(topic, group string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if x := c.at[[2]string{topic, group}]; x != nil {
		return x.ID
	}
	return ""
}

// Accepts reports whether the messages of a group are accepted requests.
func (c *consuming) Accepts(topic, group string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	x := c.at[[2]string{topic, group}]
	return x != nil && x.Accepts
}

// Joined returns the group that a group of a topic is by now: most are themselves.
func (c *consuming) Joined(topic, group string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if now, other := c.group[[2]string{topic, group}]; other {
		return now
	}
	return group
}

// Mask returns the body of a message of a group as people see it who gave no reason.
func (c *consuming) Mask(topic, group string, body []byte) routes.Masked {
	c.mu.RLock()
	x := c.at[[2]string{topic, group}]
	c.mu.RUnlock()
	if x == nil {
		return routes.Untyped(body)
	}
	return x.Mask(body)
}

// Key returns a message's key as people see it who gave no reason.
func (c *consuming) Key(topic, group, key string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if x := c.at[[2]string{topic, group}]; (x == nil || x.PersonalKey) && key != "" {
		return mask.Hidden
	}
	return key
}
