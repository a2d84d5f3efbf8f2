// Package storage is what a project keeps: its state and its topics, opened where fondaco.yaml says, watched while they are used,
// and looked after while they are not (backup, restore, encryption, size). It is the one place that knows which storages there are.
package storage
