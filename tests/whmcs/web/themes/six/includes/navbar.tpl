{foreach $navbar->getChildren() as $item}
<li menuItemName="{$item->getName()|escape}" class="{if $item->hasChildren()}dropdown {/if}{$item->getClass()}" id="{$item->getId()|escape}">
    <a href="{$item->getUri()|escape}"{if $item->hasChildren()} class="dropdown-toggle" data-toggle="dropdown"{/if}>{$item->getLabel()}{if $item->hasChildren()}&nbsp;<b class="caret"></b>{/if}</a>
    {if $item->hasChildren()}
    <ul class="dropdown-menu">
        {foreach $item->getChildren() as $child}
        <li menuItemName="{$child->getName()|escape}" class="{$child->getClass()}" id="{$child->getId()|escape}"><a href="{$child->getUri()|escape}">{if $child->hasIcon()}<i class="fas {$child->getIcon()}"></i>&nbsp;{/if}{$child->getLabel()}</a></li>
        {/foreach}
    </ul>
    {/if}
</li>
{/foreach}
