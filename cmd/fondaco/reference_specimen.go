package main

// What the examples of the reference page of the language read: the type of p, its value, a file that a mapping includes, and one that
// a schema refers to.
const (
	specimenSchema = `type: object
required: [number, state, amount, count, paid, day, opened-at, lines, more, owner]
properties:
  number: { type: string }
  state: { type: string, enum: [open, paid] }
  amount: { type: number }
  count: { type: integer }
  days: { type: integer }
  note: { type: string }
  paid: { type: boolean }
  day: { type: string, format: date }
  opened-at: { type: string, format: date-time }
  lines:
    type: array
    items:
      type: object
      required: [code, price]
      properties: { code: { type: string }, price: { type: number } }
  owner:
    type: object
    nullable: true
    required: [name]
    properties: { name: { type: string, personal: true } }
  more: { type: object, additionalProperties: { type: string } }
`
	specimenValue = `{
  "number": "12/2026", "state": "open", "amount": 12.50, "count": 2, "days": 3, "paid": false,
  "day": "2026-01-31", "opened-at": "2026-01-31T09:00:00+01:00",
  "lines": [{"code": "A", "price": 0.50}, {"code": "B", "price": 12.00}],
  "owner": null, "more": {"colour": "red"}
}
`
	specimenFile = `name: ${p.owner?.name ?? "nobody"}
`
	specimenLine = `{ type: object, required: [code], properties: { code: { type: string } } }
`
)
