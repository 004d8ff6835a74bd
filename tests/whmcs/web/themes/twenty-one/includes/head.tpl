    <link rel="stylesheet" href="{$WEB_ROOT}/assets/bootstrap/css/bootstrap.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/all.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/templates/{$template}/css/theme.css">
    <script>
        var csrfToken = '{$token}', whmcsBaseUrl = "{$WEB_ROOT}";
    </script>
    <script src="{$WEB_ROOT}/assets/jquery/jquery.min.js"></script>
