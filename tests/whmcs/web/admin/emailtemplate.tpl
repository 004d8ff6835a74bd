<h1 class="h4">{$rows[0]->name|escape} <small class="text-muted">{$rows[0]->type|escape}</small></h1>
<form method="post">
    <input type="hidden" name="token" value="{$token}">
    {foreach $rows as $row}
    <div class="card card-body mb-3">
        <h2 class="h6">{if $row->language eq ''}Default{else}{$row->language|escape}{/if}</h2>
        <div class="form-group"><label for="subject{$row->id}">Subject</label><input class="form-control" id="subject{$row->id}" name="subject[{$row->id}]" value="{$row->subject|escape}"></div>
        <div class="form-group"><label for="message{$row->id}">Message</label><textarea class="form-control" rows="7" id="message{$row->id}" name="message[{$row->id}]">{$row->message|escape}</textarea></div>
    </div>
    {/foreach}
    <table class="table bg-white" id="mergeFields">{foreach $mergeFields as $field => $label}<tr><td>{$label|escape}</td><td><code>{ldelim}${$field|escape}{rdelim}</code></td></tr>{/foreach}</table>
    <button class="btn btn-primary" id="btnSave">Save Changes</button>
</form>
