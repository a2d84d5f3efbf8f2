package queue_test

import "strings"

const mqttConnector = `connector: broker
version: 1.0.0
params: { endpoint: { type: string } }
queue:
  address: ${param.endpoint}
  client_id: prova
  version: VERSION
operations:
  comanda:
    publish: semafori/{id}/comando
    content: json
    schema: { type: object, required: [colore], properties: { colore: { type: string } } }
  trattieni:
    publish: stato/{id}
    retain: true
    content: text
  metti:
    publish: prova/{nome}/livello
    content: json
    schema: { type: object, required: [nome], properties: { nome: { type: string } } }
watches:
  comandi:
    topic: semafori/{id}/comando
    content: json
    schema: { type: object, required: [colore], properties: { colore: { type: string } } }
    key: id
  stati:
    topic: stato/{id}
    retained: take
    content: text
  livelli:
    topic: prova/{nome}/#
    content: json
    schema: { type: object, required: [nome], properties: { nome: { type: string } } }
    id: [payload.nome]
    key: nome
    prefetch: 4
`

// ofVersion is the connector for a version of MQTT.
func ofVersion(version string) string {
	return strings.ReplaceAll(mqttConnector, "VERSION", `"`+version+`"`)
}
