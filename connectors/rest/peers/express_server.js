// A service written with Express and what is used with it: qs for queries and forms, multer for files, cookie-parser, compression.
//
//     node express_server.js FOLDER    where FOLDER/node_modules has them
//
// Each operation of express_openapi.json answers with what they understood of the request. It says READY and its port, and ends when its
// input does.
'use strict'
const path = require('node:path')
const {createHash} = require('node:crypto')
const {createRequire} = require('node:module')
const from = createRequire(path.resolve(process.argv[2], 'x.js'))
const express = from('express')
const multer = from('multer')

const app = express()
app.set('query parser', 'extended')
app.set('etag', false)
app.use(from('compression')({threshold: 0}))
app.use(from('cookie-parser')())
app.use(express.json({type: ['json', '+json'], strict: false}))
app.use(express.urlencoded({extended: true}))
app.use(express.raw({type: 'application/octet-stream', limit: '20mb'}))
app.use(express.text({type: 'text/plain'}))

const octets = (data) => ({size: data.length, sha256: createHash('sha256').update(data).digest('hex')})
const seen = (res, values) => res.json({seen: values})

app.get('/openapi.json', (req, res) => res.sendFile(path.join(__dirname, 'express_openapi.json')))
app.post('/payments', (req, res) => seen(res, req.body))
app.post('/acts', multer({defParamCharset: 'utf8'}).any(), (req, res) => seen(res, {
  fields: req.body,
  files: req.files.map((f) => ({field: f.fieldname, name: f.originalname, type: f.mimetype, ...octets(f.buffer)})),
}))
app.put('/scans/:id', (req, res) => seen(res, {id: req.params.id, ...octets(req.body)}))
app.get('/scans/:id', (req, res) => { // HEAD is answered by it too
  res.type('application/pdf').attachment('a è.pdf').set('X-Pages', '3').send(Buffer.alloc(1000, Number(req.params.id)))
})
app.get('/search', (req, res) => seen(res, req.query))
app.get('/places/:matrix/:list/:label/:simple/end', (req, res) => seen(res, {
  params: req.params, cookies: req.cookies, point: req.get('x-point'), tags: req.get('x-tags'),
}))
app.patch('/people/:id', (req, res) => res.status(202).type('application/vnd.person+json').send(JSON.stringify({
  ...req.body, id: Number(req.params.id), children: [{id: 1, name: 'Bea', pin: 'x'}], name: req.is('+json') + '|' + JSON.stringify(req.body),
})))
app.post('/notes', (req, res) => res.type('text/plain').send(req.get('content-type') + '|' + req.get('accept-encoding') + '|' + req.body))
app.delete('/people/:id', (req, res) => res.sendStatus(req.params.id === '404' ? 404 : 204))
app.post('/values', (req, res) => res.json(req.body))
app.use((wrong, req, res, next) => res.status(422).json({error: String(wrong.message)}))

const server = app.listen(0, '127.0.0.1', () => console.log('READY ' + server.address().port))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
