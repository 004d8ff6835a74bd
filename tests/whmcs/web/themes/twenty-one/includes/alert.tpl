<div class="alert alert-{if $type eq "error"}danger{elseif $type}{$type}{else}info{/if}{if $textcenter} text-center{/if}"{if $idname} id="{$idname}"{/if}>
    {if $title}<h2>{$title}</h2>{/if}{$msg}
</div>
