<div class="list-group">
    {foreach $services as $service}
    <a class="list-group-item" href="{$WEB_ROOT}/clientarea.php?action=productdetails&amp;id={$service->id}">
        {$service->name|escape} <span class="text-muted">{if $service->domain}{$service->domain|escape}{else}{$service->username|escape}{/if}</span>
        <span class="label status status-{$service->domainstatus|lower} pull-right">{$service->domainstatus}</span>
    </a>
    {foreachelse}
    <div class="list-group-item text-muted">-</div>
    {/foreach}
</div>
{foreach $panels->getChildren() as $panel}
<div class="panel panel-default" menuItemName="{$panel->getName()|escape}">
    <div class="panel-heading"><h3 class="panel-title">{$panel->getLabel()}</h3></div>
    {if $panel->hasBodyHtml()}<div class="panel-body">{$panel->getBodyHtml()}</div>{/if}
</div>
{/foreach}
