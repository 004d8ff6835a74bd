<h1 class="h4">Servers</h1>
<p><a class="btn btn-primary btn-sm" href="{$WEB_ROOT}/admin/configservers.php?action=manage">Add server</a></p>
<div class="table-responsive"><table class="table bg-white" id="tblServers">
    {foreach $servers as $server}
    <tr>
        <td><a href="{$WEB_ROOT}/admin/configservers.php?action=manage&amp;id={$server.row->id}">{$server.row->name|escape}</a>{if $server.row->active} *{/if}{if $server.row->disabled} (disabled){/if}</td>
        <td>{$server.row->type|escape}</td><td>{$server.row->ipaddress|escape}</td>
        <td class="admin-link">{$server.link}
            {if $server.signOn}<form method="post" action="{$WEB_ROOT}/admin/configservers.php"><input type="hidden" name="token" value="{$token}"><input type="hidden" name="action" value="singlesignon"><input type="hidden" name="id" value="{$server.row->id}"><button class="btn btn-sm btn-secondary">{$server.signOn|escape}</button></form>{/if}
        </td>
    </tr>
    {foreachelse}<tr><td class="text-muted">No servers</td></tr>{/foreach}
</table></div>
