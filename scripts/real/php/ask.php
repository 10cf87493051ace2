<?php
// Asks WordPress itself: `php ask.php FOLDER QUESTION USER [NAME]`; the answer is JSON.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $argv[1] . '/wp-load.php';

$user = get_user_by('login', $argv[3]);
$answers = [
    'application-passwords' => fn() => array_column(WP_Application_Passwords::get_user_application_passwords($user->ID), 'name'),
    'make-application-password' => fn() => WP_Application_Passwords::create_new_application_password($user->ID, ['name' => $argv[4]])[0],
    'remove-application-passwords' => fn() => WP_Application_Passwords::delete_all_application_passwords($user->ID),
    // As if the half year were over after which administrators are asked for their address when they sign in.
    'ask-for-the-email' => fn() => update_option('admin_email_lifespan', 1),
];
echo json_encode($answers[$argv[2]]());
