// Package mqtt speaks MQTT 5 and 3.1.1 as a client, and MQTT 5 as the small broker that plays simulated systems. It is the home of the
// libraries that read and write the packets; sessions, confirms and the order of acknowledgements are its own, the same for both versions.
package mqtt
