<?php
// Installs WordPress: `php install.php FOLDER`, with {"name": {"role": …, "password": …}} on standard input, the administrator first.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
// WordPress tells a new site's owner by e-mail; this one tells nobody.
function wp_new_blog_notification() {}
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

$users = json_decode(stream_get_contents(STDIN), true);
foreach ($users as $name => $user) {
    $email = "$name@wordpress.example";
    if ($user['role'] === 'administrator') {
        wp_install('Practice site', $name, $email, false, '', wp_slash($user['password']));
        continue;
    }
    $made = wp_insert_user(['user_login' => $name, 'user_pass' => $user['password'], 'user_email' => $email, 'role' => $user['role']]);
    if (is_wp_error($made)) {
        fwrite(STDERR, $made->get_error_message());
        exit(1);
    }
}
// Portraits would come from another site.
update_option('show_avatars', 0);
// The API's addresses, /wp-json/…, exist with permalinks only.
update_option('permalink_structure', '/%postname%/');
flush_rewrite_rules(false);
