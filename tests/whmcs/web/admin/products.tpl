<h1 class="h4">Products</h1>
<div class="list-group">
{foreach $products as $product}
    <a class="list-group-item list-group-item-action" href="{$WEB_ROOT}/admin/configproducts.php?action=edit&amp;id={$product->id}">#{$product->id} {$product->name|escape} <span class="text-muted">{$product->servertype|escape}</span></a>
{foreachelse}
    <div class="list-group-item text-muted">No products</div>
{/foreach}
</div>
