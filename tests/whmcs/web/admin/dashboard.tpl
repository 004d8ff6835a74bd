<h1 class="h4">Dashboard</h1>
{$output}
<div class="row home-widgets-container">
{foreach $widgets as $widget}
    <div class="col-md-{if $widget.columns gt 2}12{elseif $widget.columns eq 2}8{else}4{/if} mb-3 dashboard-panel-item">
        <div class="card" id="panel{$widget.id|escape}">
            <div class="card-header">{$widget.title}</div>
            <div class="card-body">{if $widget.complaint}<div class="alert alert-danger">{$widget.complaint|escape}</div>{/if}{$widget.html}</div>
        </div>
    </div>
{/foreach}
</div>
<div class="card">
    <div class="card-header">Services</div>
    <div class="list-group list-group-flush">
    {foreach $services as $service}
        <a class="list-group-item list-group-item-action" href="{$WEB_ROOT}/admin/clientsservices.php?id={$service->id}">#{$service->id} {$service->name|escape} - {$service->username|escape} ({$service->domainstatus})</a>
    {foreachelse}
        <div class="list-group-item text-muted">No services</div>
    {/foreach}
    </div>
</div>
