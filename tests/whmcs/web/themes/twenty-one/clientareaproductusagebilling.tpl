<table class="table table-striped text-left">
    <thead><tr><th>{lang key='metrics.title'}</th><th></th><th>{lang key='lastUpdated'}</th></tr></thead>
    <tbody>
    {foreach $metricStats as $metric}
        <tr data-metric="{$metric.systemName|escape}"><td>{$metric.displayName}</td><td>{$metric.currentValue}</td><td>{$metric.lastUpdated}</td></tr>
    {/foreach}
    </tbody>
</table>
