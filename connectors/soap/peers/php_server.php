<?php
// Services of PHP's SoapServer from the descriptions in wsdl: /document, /document12, /rpc and /encoded, and those descriptions at ?wsdl.
// It says READY and its port, and ends when its input does.

ini_set('soap.wsdl_cache_enabled', '0');

class Subject { public $name; public $id; }
class Person extends Subject { public $contact; }
class Company extends Subject { public $vat; public $abroad; }
class Branch extends Company { public $head; }

class Documents
{
    private static $noted = '';
    private $server;

    public function __construct($server) { $this->server = $server; }
    public function echo($in) { return $in; }
    public function bare($in) { return $in; }
    public function turn($in) { return ['subject' => array_reverse($in->subject ?? [])]; }
    public function upload($in) { return ['document' => $in->document]; }
    public function note($in) { self::$noted = $in->text; }
    public function noted() { return ['text' => self::$noted]; }
    public function refuse($in)
    {
        $code = $this->server['version'] === SOAP_1_2 ? 'Sender' : 'Client';
        throw new SoapFault($code, 'non <oggi> è tardi', null, ['code' => $in->code, 'reason' => ['a', 'è']], 'refusal');
    }
    public $ticket;
    public function ticket($header) { $this->ticket = $header; }
    public function greet($in)
    {
        $this->server['server']->addSoapHeader(new SoapHeader('urn:fondaco:zeep', 'receipt',
            ['session' => $this->ticket->session, 'calls' => $this->ticket->calls + 1]));
        return ['text' => 'ciao ' . $in->name . ' ' . $this->ticket->session];
    }
}

class Procedures extends Documents
{
    public function divide($a, $b) { return ['quotient' => intdiv($a, $b), 'rest' => $a % $b]; }
    public function items($subject) { return array_reverse($subject); }
    public function words($subject) { return array_reverse($subject); }
    public function turn($in) { return ['subject' => array_reverse($in->subject ?? [])]; }
}

$services = [
    '/document' => ['document', 'Documents', SOAP_1_1],
    '/document12' => ['document', 'Documents', SOAP_1_2],
    '/rpc' => ['rpc', 'Procedures', SOAP_1_1],
    '/encoded' => ['encoded', 'Procedures', SOAP_1_1],
];

function answer($services, $path, $query, $body)
{
    if (!isset($services[$path])) {
        return [404, 'text/plain', 'no such service'];
    }
    [$wsdl, $class, $version] = $services[$path];
    $file = __DIR__ . '/wsdl/' . $wsdl . '.wsdl';
    if ($query === 'wsdl') {
        return [200, 'text/xml', file_get_contents($file)];
    }
    $server = new SoapServer($file, [
        'soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'classmap' => ['Person' => 'Person', 'Company' => 'Company', 'Branch' => 'Branch'],
    ]);
    $server->setObject(new $class(['server' => $server, 'version' => $version]));
    ob_start();
    $server->handle($body);
    $out = ob_get_clean();
    $status = preg_match('/<[\w-]+:Fault>/', $out) ? 500 : ($out === '' ? 202 : 200);
    return [$status, $version === SOAP_1_2 ? 'application/soap+xml; charset=utf-8' : 'text/xml; charset=utf-8', $out];
}

function serve($services, $connection)
{
    $head = '';
    while (($line = fgets($connection)) !== false && rtrim($line) !== '') {
        $head .= $line;
    }
    if ($head === '') {
        return;
    }
    [$method, $target] = explode(' ', $head);
    $length = preg_match('/^content-length:\s*(\d+)/mi', $head, $m) ? (int) $m[1] : 0;
    $body = $length > 0 ? stream_get_contents($connection, $length) : '';
    $parts = explode('?', $target, 2);
    [$status, $type, $out] = answer($services, $parts[0], $method === 'GET' ? ($parts[1] ?? '') : '', $body);
    fwrite($connection, "HTTP/1.1 $status X\r\nContent-Type: $type\r\nContent-Length: " . strlen($out) . "\r\nConnection: close\r\n\r\n" . $out);
}

$socket = stream_socket_server('tcp://127.0.0.1:0');
fwrite(STDOUT, 'READY ' . explode(':', stream_socket_get_name($socket, false))[1] . "\n");
while (true) {
    $ready = [$socket, STDIN];
    $none = null;
    if (stream_select($ready, $none, $none, null) === false || in_array(STDIN, $ready, true)) {
        break;
    }
    if ($connection = stream_socket_accept($socket)) {
        serve($services, $connection);
        fclose($connection);
    }
}
