<h1 class="h4">Service #{$service->id} <small class="text-muted">{$clientName|escape}</small></h1>
{if $message}
<div id="moduleCommandResult" class="alert alert-{if $message.ok}success{else}danger{/if}">{$message.text|escape}</div>
{/if}
<div class="card mb-3">
    <div class="card-header">Module commands</div>
    <div class="card-body" id="modulebuttons">
    {foreach $commands as $command => $function}
        <form method="post" class="d-inline-block mb-1">
            <input type="hidden" name="token" value="{$token}"><input type="hidden" name="id" value="{$service->id}"><input type="hidden" name="modop" value="{$command}">
            {if $command eq "suspend"}<input name="suspreason" class="form-control form-control-sm mb-1" placeholder="Suspension reason" aria-label="Suspension reason">{/if}
            <button class="btn btn-secondary btn-sm" id="btn{$function}">{$function}</button>
        </form>
    {/foreach}
    {foreach $buttons as $label => $function}
        <form method="post" class="d-inline-block mb-1">
            <input type="hidden" name="token" value="{$token}"><input type="hidden" name="id" value="{$service->id}"><input type="hidden" name="modop" value="custom"><input type="hidden" name="ac" value="{$function|escape}">
            <button class="btn btn-info btn-sm" id="btnCustom_{$function|escape}">{$label}</button>
        </form>
    {/foreach}
    {$loginLink}
    </div>
</div>
<form method="post" id="frm1">
    <input type="hidden" name="token" value="{$token}"><input type="hidden" name="id" value="{$service->id}"><input type="hidden" name="modop" value="save">
    <div class="card mb-3"><div class="table-responsive">
    <table class="form table mb-0">
        <tr><td class="fieldlabel">Status</td><td class="fieldarea"><select name="domainstatus" class="form-control form-control-sm">{foreach ['Pending', 'Active', 'Suspended', 'Terminated', 'Cancelled', 'Fraud', 'Completed'] as $status}<option{if $status eq $service->domainstatus} selected{/if}>{$status}</option>{/foreach}</select></td></tr>
        <tr><td class="fieldlabel">Product, server</td><td class="fieldarea">product {$product}, module {$module|escape}, server {$service->server}</td></tr>
        <tr><td class="fieldlabel">Domain</td><td class="fieldarea"><input name="domain" class="form-control form-control-sm" value="{$service->domain|escape}"></td></tr>
        <tr><td class="fieldlabel">Dedicated IP</td><td class="fieldarea"><input name="dedicatedip" class="form-control form-control-sm" value="{$service->dedicatedip|escape}"></td></tr>
        <tr><td class="fieldlabel">Username</td><td class="fieldarea"><input name="username" class="form-control form-control-sm" value="{$service->username|escape}"></td></tr>
        <tr><td class="fieldlabel">Password</td><td class="fieldarea"><input name="password" class="form-control form-control-sm" value="{$password|escape}"></td></tr>
        <tr><td class="fieldlabel">Suspension reason</td><td class="fieldarea"><input name="suspendreason" class="form-control form-control-sm" value="{$service->suspendreason|escape}"></td></tr>
        <tr><td class="fieldlabel">Usage</td><td class="fieldarea">disk {$service->diskusage}/{$service->disklimit} MB, bandwidth {$service->bwusage}/{$service->bwlimit} MB, {$service->lastupdate}</td></tr>
        {foreach $fields as $label => $html}
        <tr><td class="fieldlabel">{$label}</td><td class="fieldarea">{$html}</td></tr>
        {/foreach}
    </table>
    </div></div>
    <button class="btn btn-primary" id="btnSave">Save Changes</button>
</form>
{if $hasMetrics}
<div class="card mt-3"><div class="card-header">Metrics
    <form method="post" class="float-right"><input type="hidden" name="token" value="{$token}"><input type="hidden" name="id" value="{$service->id}"><input type="hidden" name="modop" value="refreshmetrics"><button class="btn btn-sm btn-link p-0" id="btnRefreshMetrics">Refresh now</button></form></div>
    <table class="table mb-0" id="tblMetrics">
    {foreach $metrics as $name => $metric}<tr><td>{$name|escape}</td><td>{$metric.value}</td><td>{$metric.collectedAt}</td></tr>{foreachelse}<tr><td class="text-muted">No usage yet</td></tr>{/foreach}
    </table>
</div>
{/if}
