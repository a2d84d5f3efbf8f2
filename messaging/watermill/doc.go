// Package watermill is the door between topics and Watermill (github.com/ThreeDotsLabs/watermill), in both directions: Open
// makes a messaging.Broker of any Watermill publisher and subscriber, by the promises that they keep, and Publisher and Subscriber show a
// messaging.Broker as Watermill's, whose contract tests ours pass.
//
// It alone, with the adapters in its folders, knows Watermill's types.
package watermill
