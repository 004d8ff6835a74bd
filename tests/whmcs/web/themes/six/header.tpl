<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="{$charset}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{$pagetitle|escape} - {$companyname|escape}</title>
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/bootstrap3/css/bootstrap.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/assets/fontawesome/css/all.min.css">
    <link rel="stylesheet" href="{$WEB_ROOT}/templates/{$template}/css/theme.css">
    <script>
        var csrfToken = '{$token}', whmcsBaseUrl = "{$WEB_ROOT}";
    </script>
    <script src="{$WEB_ROOT}/assets/jquery/jquery.min.js"></script>
    {$headoutput}
</head>
<body data-phone-cc-input="">
{$headeroutput}
<section id="header">
    <div class="container">
        <a href="{$WEB_ROOT}/clientarea.php" class="logo logo-text">{$companyname|escape}</a>
    </div>
</section>
<section id="main-menu">
    <nav id="nav" class="navbar navbar-default navbar-main" role="navigation">
        <div class="container">
            <div class="navbar-header">
                <button type="button" class="navbar-toggle" data-toggle="collapse" data-target="#primary-nav">
                    <span class="sr-only">Menu</span><span class="icon-bar"></span><span class="icon-bar"></span><span class="icon-bar"></span>
                </button>
            </div>
            <div class="collapse navbar-collapse" id="primary-nav">
                <ul class="nav navbar-nav">{include file="$template/includes/navbar.tpl" navbar=$primaryNavbar}</ul>
                <ul class="nav navbar-nav navbar-right">{include file="$template/includes/navbar.tpl" navbar=$secondaryNavbar}</ul>
            </div>
        </div>
    </nav>
</section>
{assign var=hasSidebar value=($primarySidebar && $primarySidebar->hasChildren()) || ($secondarySidebar && $secondarySidebar->hasChildren())}
<section id="main-body">
    <div class="container">
        <div class="row">
            {if $hasSidebar}
            <div class="col-md-9 pull-md-right">
                {include file="$template/includes/pageheader.tpl" title=$pagetitle}
            </div>
            <div class="col-md-3 pull-md-left sidebar">
                {include file="$template/includes/sidebar.tpl" sidebar=$primarySidebar}
            </div>
            {/if}
            <div class="{if $hasSidebar}col-md-9 pull-md-right{else}col-xs-12{/if} main-content">
                {if not $hasSidebar}{include file="$template/includes/pageheader.tpl" title=$pagetitle}{/if}
