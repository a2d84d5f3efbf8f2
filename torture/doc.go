// Command torture kills the engine under load, and the broker, and the disk, and holds two ledgers that no kill can reach
// against each other: what clients sent and were told, and what a system saw happen. See README.md beside it.
package main
