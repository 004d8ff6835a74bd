<!doctype html>
<html lang="en">
<head>
    <meta charset="{$charset}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{$pagetitle|escape} - {$companyname|escape}</title>
    {include file="$template/includes/head.tpl"}
    {$headoutput}
</head>
<body class="primary-bg-color" data-phone-cc-input="">
{$headeroutput}
<header id="header" class="header">
    <div class="navbar navbar-light navbar-expand bg-white border-bottom">
        <div class="container flex-wrap">
            <a class="navbar-brand" href="{$WEB_ROOT}/clientarea.php">{$companyname|escape}</a>
            <ul id="nav" class="navbar-nav flex-wrap mr-auto">{include file="$template/includes/navbar.tpl" navbar=$primaryNavbar}</ul>
            <ul class="navbar-nav flex-wrap toolbar ml-auto">{include file="$template/includes/navbar.tpl" navbar=$secondaryNavbar}</ul>
        </div>
    </div>
</header>
{if $breadcrumb}
<nav class="master-breadcrumb" aria-label="breadcrumb">
    <div class="container">
        <ol class="breadcrumb">
            {foreach $breadcrumb as $url => $label}
            <li class="breadcrumb-item"><a href="{$url}">{$label}</a></li>
            {/foreach}
        </ol>
    </div>
</nav>
{/if}
<section id="main-body">
    <div class="container">
        <div class="row">
            {if $primarySidebar && $primarySidebar->hasChildren()}
            <div class="col-lg-4 col-xl-3">
                <div class="sidebar">
                    {include file="$template/includes/sidebar.tpl" sidebar=$primarySidebar}
                </div>
            </div>
            {/if}
            <div class="{if $primarySidebar && $primarySidebar->hasChildren()}col-lg-8 col-xl-9{else}col-12{/if} primary-content">
