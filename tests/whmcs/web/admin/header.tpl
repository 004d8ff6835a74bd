<!doctype html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{$pagetitle|escape} - Admin</title>
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/bootstrap/css/bootstrap.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/all.min.css">
    <style>
        body { background: #f4f6f8; font-size: .93rem; }
        td.fieldlabel { width: 30%; color: #555; }
        td.fieldarea { word-break: break-word; }
    </style>
    <script>var csrfToken = '{$token}';</script>
    <script src="{$WEB_ROOT}/assets/jquery/jquery.min.js"></script>
    {$headoutput}
</head>
<body>
{$headeroutput}
<nav class="navbar navbar-expand-sm navbar-dark bg-dark">
    <a class="navbar-brand" href="{$WEB_ROOT}/admin/index.php">Admin area</a>
    {if $loggedin}
    <div class="navbar-nav">
        <a class="nav-link" href="{$WEB_ROOT}/admin/configproducts.php">Products</a>
        <a class="nav-link" href="{$WEB_ROOT}/admin/configservers.php">Servers</a>
        <a class="nav-link" href="{$WEB_ROOT}/admin/configemailtemplates.php">E-mail templates</a>
        <a class="nav-link" href="{$WEB_ROOT}/admin/logout.php">Log out</a>
    </div>
    {/if}
</nav>
<main class="container py-4" id="contentarea">
