<div class="header-lined">
    <h1>{$title|escape}</h1>
    {if $breadcrumb}
    <ol class="breadcrumb">
        {foreach $breadcrumb as $url => $label}
        <li><a href="{$url}">{$label}</a></li>
        {/foreach}
    </ol>
    {/if}
</div>
