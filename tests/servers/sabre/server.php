<?php
// The test's WebDAV server: sabre/dav over a folder, with those manners of ownCloud that the client relies on.

use Sabre\DAV;

require_once 'Sabre/autoload.php';

/** A file that is replaced in one step, as ownCloud does, and whose ETag changes with every write. */
class AtomicFile extends DAV\FS\File
{
    public static function write($path, $body)
    {
        // Outside the served tree, so that a listing never shows it.
        $part = tempnam(getenv('DAV_FOLDER') . '/uploads', 'put');
        file_put_contents($part, $body ?? '');
        chmod($part, 0644);
        rename($part, $path);
        clearstatcache();
        return (new self($path))->getETag();
    }

    public function put($body)
    {
        return self::write($this->path, $body);
    }

    public function getETag()
    {
        // Two writes within a second have equal times; the inode tells them apart, because the new file exists beside the old one.
        $stat = stat($this->path);
        return '"' . md5($stat['ino'] . '-' . $stat['mtime'] . '-' . $stat['size']) . '"';
    }

    public function checksum($algorithm)
    {
        return hash_file($algorithm, $this->path);
    }
}

class Folder extends DAV\FS\Directory
{
    public function createFile($name, $body = null)
    {
        return AtomicFile::write($this->inside($name), $body);
    }

    public function createDirectory($name)
    {
        mkdir($this->inside($name));
    }

    public function getChild($name)
    {
        $path = $this->inside($name);
        if (!file_exists($path)) {
            throw new DAV\Exception\NotFound("File with name $name could not be located");
        }
        return is_dir($path) ? new Folder($path) : new AtomicFile($path);
    }

    public function childExists($name)
    {
        return file_exists($this->inside($name));
    }

    // This release of sabre/dav would follow `..` out of the served tree.
    private function inside($name)
    {
        if ($name === '.' || $name === '..' || strpbrk($name, "/\0") !== false) {
            throw new DAV\Exception\Forbidden('This name is not allowed');
        }
        return $this->path . '/' . $name;
    }
}

class ChecksumsProperty extends DAV\Property
{
    private $checksums;

    public function __construct($checksums)
    {
        $this->checksums = $checksums;
    }

    public function serialize(DAV\Server $server, \DOMElement $parent)
    {
        $parent->appendChild($parent->ownerDocument->createElement('oc:checksum', $this->checksums));
    }
}

/** `OC-Checksum` on PUT and GET, `oc:checksums` in PROPFIND, `OC-ETag`. */
class OwnCloudManners extends DAV\ServerPlugin
{
    const ALGORITHMS = ['SHA1' => 'sha1', 'MD5' => 'md5', 'ADLER32' => 'adler32'];
    const PROPERTY = '{http://owncloud.org/ns}checksums';

    private $server;

    public function initialize(DAV\Server $server)
    {
        $this->server = $server;
        $server->xmlNamespaces['http://owncloud.org/ns'] = 'oc';
        $server->subscribeEvent('beforeMethod', [$this, 'beforeMethod']);
        $server->subscribeEvent('beforeGetProperties', [$this, 'beforeGetProperties']);
        $server->subscribeEvent('afterWriteContent', [$this, 'afterWrite']);
        $server->subscribeEvent('afterCreateFile', [$this, 'afterWrite']);
    }

    public function beforeMethod($method, $uri)
    {
        $announced = $this->server->httpRequest->getHeader('OC-Checksum');
        if ($method === 'PUT' && $announced !== null) {
            $this->verify($announced);
        }
        if (in_array($method, ['GET', 'HEAD']) && $this->server->tree->nodeExists($uri)) {
            $node = $this->server->tree->getNodeForPath($uri);
            if ($node instanceof AtomicFile) {
                $this->server->httpResponse->setHeader('OC-Checksum', 'SHA1:' . $node->checksum('sha1'));
                $this->server->httpResponse->setHeader('OC-ETag', $node->getETag());
            }
        }
    }

    // Before anything is written: a refused upload leaves the old file, or none.
    private function verify($announced)
    {
        [$name, $expected] = explode(':', $announced, 2) + [1 => ''];
        $algorithm = self::ALGORITHMS[strtoupper($name)] ?? null;
        if ($algorithm === null) {
            throw new DAV\Exception\BadRequest("Unsupported checksum type: $name");
        }
        $body = fopen('php://temp', 'r+');
        stream_copy_to_stream($this->server->httpRequest->getBody(), $body);
        rewind($body);
        $hash = hash_init($algorithm);
        hash_update_stream($hash, $body);
        if (!hash_equals(hash_final($hash), strtolower($expected))) {
            throw new DAV\Exception\BadRequest('The computed checksum does not match the one received from the client.');
        }
        rewind($body);
        $this->server->httpRequest->setBody($body);
    }

    public function beforeGetProperties($path, $node, &$requested, &$returned)
    {
        $index = array_search(self::PROPERTY, $requested);
        if ($index === false || !$node instanceof AtomicFile) {
            return;
        }
        unset($requested[$index]);
        $checksums = [];
        foreach (self::ALGORITHMS as $name => $algorithm) {
            $checksums[] = $name . ':' . $node->checksum($algorithm);
        }
        // One element holds them all, separated by spaces.
        $returned[200][self::PROPERTY] = new ChecksumsProperty(implode(' ', $checksums));
    }

    public function afterWrite($uri)
    {
        $this->server->httpResponse->setHeader('OC-ETag', $this->server->tree->getNodeForPath($uri)->getETag());
    }
}

class OneUser extends DAV\Auth\Backend\AbstractBasic
{
    protected function validateUserPass($user, $password)
    {
        return hash_equals(getenv('DAV_USER'), $user) && hash_equals(getenv('DAV_PASS'), $password);
    }
}

$base = '/remote.php/webdav/';
$files = '/remote.php/dav/files/';
if (strpos($_SERVER['REQUEST_URI'], $files) === 0) {
    // The client chooses how the user's name is escaped.
    $user = strtok(substr($_SERVER['REQUEST_URI'], strlen($files)), '/?');
    if (rawurldecode((string) $user) === getenv('DAV_USER')) {
        $base = "$files$user/";
    }
}

$server = new DAV\Server(new Folder(getenv('DAV_FOLDER') . '/files'));
$server->setBaseUri($base);
$server->addPlugin(new DAV\Auth\Plugin(new OneUser(), 'pyservice tests'));
$server->addPlugin(new DAV\Locks\Plugin(new DAV\Locks\Backend\File(getenv('DAV_FOLDER') . '/locks')));
$server->addPlugin(new OwnCloudManners());
$server->exec();
