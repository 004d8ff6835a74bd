<h1 class="h3">{lang key='clientareaproducts'}</h1>
<div class="card">
    <div class="list-group list-group-flush">
        {foreach $services as $service}
        <a class="list-group-item list-group-item-action d-flex justify-content-between" href="{$WEB_ROOT}/clientarea.php?action=productdetails&amp;id={$service->id}">
            <span>{$service->name|escape} <span class="text-muted">{if $service->domain}{$service->domain|escape}{else}{$service->username|escape}{/if}</span></span>
            <span class="badge badge-pill status-{$service->domainstatus|lower}">{$service->domainstatus}</span>
        </a>
        {foreachelse}
        <div class="list-group-item text-muted">-</div>
        {/foreach}
    </div>
</div>
{foreach $panels->getChildren() as $panel}
<div class="card mt-3" menuItemName="{$panel->getName()|escape}">
    <div class="card-header">{$panel->getLabel()}</div>
    {if $panel->hasBodyHtml()}<div class="card-body">{$panel->getBodyHtml()}</div>{/if}
</div>
{/foreach}
