<?php
// What a web server's rewrite rules do for WordPress: a file is served as it is, everything else goes to index.php.
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$file = realpath($_SERVER['DOCUMENT_ROOT'] . $path);
$is_inside = $file !== false && str_starts_with($file, realpath($_SERVER['DOCUMENT_ROOT']) . DIRECTORY_SEPARATOR);
if ($is_inside && (is_file($file) || is_file("$file/index.php") && str_ends_with($path, '/'))) {
    return false;
}
if ($is_inside && is_file("$file/index.php")) {
    header("Location: $path/", true, 301);
    return true;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/index.php';
chdir($_SERVER['DOCUMENT_ROOT']);
require 'index.php';
