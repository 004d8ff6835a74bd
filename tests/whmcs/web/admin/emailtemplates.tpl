<h1 class="h4">E-mail templates</h1>
<div class="table-responsive"><table class="table bg-white" id="tblEmailTemplates">
    {foreach $templates as $template}
    <tr><td>{$template->type|escape}</td><td><a href="{$WEB_ROOT}/admin/configemailtemplates.php?id={$template->id}">{$template->name|escape}</a></td><td>{$template->languages|escape}</td></tr>
    {foreachelse}<tr><td class="text-muted">No e-mail templates</td></tr>{/foreach}
</table></div>
