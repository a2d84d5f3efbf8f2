// Package watermill is the door from Watermill (github.com/ThreeDotsLabs/watermill) to topics: Open makes a messaging.Broker of any
// Watermill publisher and subscriber, by the promises that they keep. watermilltest is the other direction.
//
// It alone, with the adapters in its folders, knows Watermill's types.
package watermill
