<?php
// Calls a SOAP service with PHP's SoapClient, which reads its description at ?wsdl.
//
//     php php_client.php URL [rpc] < CASES.json
//
// A case is {"port": "Soap12", "operation": ..., "in": {...}, "header": {...}}; for each the answer is printed as {"out": ...},
// {"out": ..., "header": ...} or {"fault": {"code": ..., "text": ..., "detail": ...}}. With rpc the fields of "in" are the parameters.

ini_set('soap.wsdl_cache_enabled', '0');
const SPACE = 'urn:fondaco:zeep';

class Subject { public $name; public $id; }
class Person extends Subject { public $contact; }
class Company extends Subject { public $vat; public $abroad; }
class Branch extends Company { public $head; }

function made($v)
{
    if (!is_array($v)) {
        return $v;
    }
    $out = array_map('made', $v);
    if (!isset($v['xsi_type'])) {
        return $out;
    }
    unset($out['xsi_type']);
    $object = new $v['xsi_type']();
    foreach ($out as $name => $x) {
        $object->$name = $x;
    }
    return $object;
}

function told($v)
{
    if (is_object($v)) {
        $out = $v instanceof Subject ? ['xsi_type' => get_class($v)] : [];
        foreach (get_object_vars($v) as $name => $x) {
            if ($x !== null) {
                $out[$name] = told($x);
            }
        }
        return (object) $out;
    }
    return is_array($v) ? array_map('told', $v) : $v;
}

$results = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $case) {
    $client = new SoapClient($argv[1] . '?wsdl', [
        'soap_version' => ($case['port'] ?? '') === 'Soap12' ? SOAP_1_2 : SOAP_1_1, 'location' => $argv[1], 'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP,
        'classmap' => ['Person' => 'Person', 'Company' => 'Company', 'Branch' => 'Branch'],
    ]);
    $headers = [];
    foreach ($case['header'] ?? [] as $name => $v) {
        $headers[] = new SoapHeader(SPACE, $name, $v);
    }
    $in = made($case['in']);
    try {
        $back = [];
        $out = $client->__soapCall($case['operation'], ($argv[2] ?? '') === 'rpc' ? array_values($in) : [$in], null, $headers, $back);
        $results[] = $back ? ['out' => told($out), 'header' => told((object) $back)] : ['out' => told($out)];
    } catch (SoapFault $f) {
        $code = explode(':', $f->faultcode);
        $results[] = ['fault' => ['code' => end($code), 'text' => $f->getMessage(), 'detail' => told($f->detail ?? null)]];
    }
}
echo json_encode($results, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
