<h1 class="h4">{$product->name|escape} <small class="text-muted">Module Settings</small></h1>
{if $saved}<div class="alert alert-success" id="saved">Changes saved.</div>{/if}
<form method="get" class="form-inline mb-3">
    <input type="hidden" name="action" value="edit"><input type="hidden" name="id" value="{$product->id}">
    <label for="inputModule" class="mr-2">Module</label>
    <select name="module" id="inputModule" class="form-control form-control-sm mr-2" onchange="this.form.submit()"><option value=""></option>{foreach $modules as $module}<option{if $module eq $moduleName} selected{/if}>{$module|escape}</option>{/foreach}</select>
    {if $hasSimple}<a class="btn btn-sm btn-link" id="mode-switch" href="?action=edit&amp;id={$product->id}&amp;module={$moduleName|escape:'url'}&amp;mode={if $mode eq 'simple'}advanced{else}simple{/if}">Switch to {if $mode eq 'simple'}advanced{else}simple{/if} mode</a>{/if}
</form>
{if $moduleName}
<form method="post" action="{$WEB_ROOT}/admin/configproducts.php" name="packagefrm">
    <input type="hidden" name="token" value="{$token}"><input type="hidden" name="action" value="save"><input type="hidden" name="id" value="{$product->id}"><input type="hidden" name="servertype" value="{$moduleName|escape}">
    <div class="card mb-3"><div class="table-responsive">
    <table class="form module-settings table mb-0" id="tblModuleSettings">
    {foreach $fields as $field}
        <tr>
            <td class="fieldlabel">{$field.label}<input type="hidden" name="shown[]" value="{$field.number}"></td>
            <td class="fieldarea">
            {assign var=name value="packageconfigoption[{$field.number}]"}
            {if $field.type eq 'yesno'}
                <label><input type="checkbox" name="{$name}" value="on"{if $field.value eq 'on'} checked{/if}> {$field.description}</label>
            {elseif $field.type eq 'dropdown'}
                <select name="{$name}" class="form-control form-control-sm">
                    {if !isset($field.choices[$field.value])}<option value="{$field.value|escape}" selected>{$field.value|escape}</option>{/if}
                    {foreach $field.choices as $value => $label}<option value="{$value|escape}"{if "$value" eq $field.value} selected{/if}>{$label}</option>{/foreach}
                </select> {$field.description}
            {elseif $field.type eq 'radio'}
                {foreach $field.choices as $value => $label}<label class="mr-2"><input type="radio" name="{$name}" value="{$value|escape}"{if "$value" eq $field.value} checked{/if}> {$label}</label>{/foreach} {$field.description}
            {elseif $field.type eq 'textarea'}
                <textarea name="{$name}" rows="{$field.rows}" class="form-control form-control-sm">{$field.value|escape}</textarea> {$field.description}
            {else}
                <input type="{if $field.type eq 'password'}password{else}text{/if}" name="{$name}" size="{$field.size}" value="{$field.value|escape}" class="form-control form-control-sm"> {$field.description}
            {/if}
            {if $field.error}<div class="text-danger loader-error">{$field.error|escape}</div>{/if}
            </td>
        </tr>
    {/foreach}
    </table>
    </div></div>
    {if $metrics}
    <div class="card mb-3"><div class="card-header">Metric Billing</div><table class="table mb-0" id="tblMetricSettings">
        {foreach $metrics as $metric}<tr><td><label class="mb-0"><input type="checkbox" name="metric[]" value="{$metric.systemName|escape}"{if in_array($metric.systemName, $enabled)} checked{/if}> {$metric.displayName|escape} ({$metric.unit|escape})</label></td></tr>{/foreach}
    </table></div>
    {/if}
    {foreach $otherFields as $label => $html}<div class="mb-2"><strong>{$label}</strong> {$html}</div>{/foreach}
    <button class="btn btn-primary" id="btnSave">Save Changes</button>
</form>
{/if}
