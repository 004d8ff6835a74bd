    <link rel="stylesheet" href="{$WEB_ROOT}/assets/bootstrap/css/bootstrap.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/fontawesome.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/solid.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/regular.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/brands.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/templates/{$template}/css/theme.css">
    <script>
        var csrfToken = '{$token}', whmcsBaseUrl = "{$WEB_ROOT}";
    </script>
    <script src="{$WEB_ROOT}/assets/jquery/jquery.min.js"></script>
