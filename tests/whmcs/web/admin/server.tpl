<h1 class="h4">Server</h1>
{if $result}<div id="testResult" class="alert alert-{if $result.ok}success{else}danger{/if}">{$result.text|escape}</div>{/if}
<form method="post" action="{$WEB_ROOT}/admin/configservers.php" id="frmServerConfig" class="card card-body">
    <input type="hidden" name="token" value="{$token}"><input type="hidden" name="id" value="{$id}">
    <div class="form-row">
    {foreach ['name' => 'Name', 'hostname' => 'Hostname', 'ipaddress' => 'IP Address', 'username' => 'Username', 'port' => 'Port', 'maxaccounts' => 'Maximum accounts'] as $name => $label}
        <div class="form-group col-md-6"><label for="{$name}">{$label}</label><input class="form-control" id="{$name}" name="{$name}" value="{$form.$name|escape}"></div>
    {/foreach}
        <div class="form-group col-md-6"><label for="password">Password</label><input type="password" class="form-control" id="password" name="password" value="{$form.password|escape}" autocomplete="off"></div>
        <div class="form-group col-md-6"><label for="type">Module</label><select class="form-control" id="type" name="type">{foreach $modules as $module}<option value="{$module|escape}"{if $module eq $form.type} selected{/if}>{$module|escape}</option>{/foreach}</select></div>
        <div class="form-group col-md-6"><label for="assignedips">Assigned IP Addresses</label><textarea class="form-control" id="assignedips" name="assignedips" rows="3">{$form.assignedips|escape}</textarea></div>
        <div class="form-group col-md-6"><label for="accesshash">Access Hash</label><textarea class="form-control" id="accesshash" name="accesshash" rows="3">{$form.accesshash|escape}</textarea></div>
    </div>
    <div class="form-check"><input type="checkbox" class="form-check-input" id="secure" name="secure" value="on"{if $form.secure eq "on"} checked{/if}><label class="form-check-label" for="secure">Use SSL</label></div>
    <div class="form-check mb-3"><input type="checkbox" class="form-check-input" id="disabled" name="disabled" value="1"{if $form.disabled} checked{/if}><label class="form-check-label" for="disabled">Disabled</label></div>
    <div>
        <button class="btn btn-secondary" name="action" value="test" id="connectionTestBtn">Test Connection</button>
        <button class="btn btn-primary" name="action" value="save" id="btnSave">Save Changes</button>
    </div>
</form>
