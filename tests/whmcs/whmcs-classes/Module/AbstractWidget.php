<?php

declare(strict_types=1);

namespace WHMCS\Module;

/** Base of admin dashboard widgets: override getData() and generateOutput(). */
abstract class AbstractWidget
{
    protected $title = '';
    protected $description = '';
    protected $columns = 1;
    protected $weight = 100;
    protected $wrapper = true;
    protected $cache = false;
    protected $cachePerUser = false;
    protected $cacheExpiry = 3600;
    protected $requiredPermission = '';
    protected $draggable = true;
    protected $adminUser;

    abstract public function getData();

    abstract public function generateOutput($data);

    public function getId()
    {
        return basename(str_replace('\\', '/', static::class));
    }

    public function getTitle()
    {
        return $this->title;
    }

    public function getDescription()
    {
        return $this->description;
    }

    public function getColumnSize()
    {
        return (int) $this->columns;
    }

    public function getWeight()
    {
        return (int) $this->weight;
    }

    public function getRequiredPermission()
    {
        return $this->requiredPermission;
    }

    public function showWrapper()
    {
        return (bool) $this->wrapper;
    }

    public function isDraggable()
    {
        return (bool) $this->draggable;
    }

    public function isCachedPerUser()
    {
        return (bool) $this->cachePerUser;
    }

    public function sanitizeData($data)
    {
        return $data;
    }

    public function render($forceRefresh = false)
    {
        return $this->generateOutput($this->sanitizeData($this->fetchData($forceRefresh)));
    }

    protected function fetchData($forceRefresh = false)
    {
        $data = $this->getData();
        // A cached widget's data survives only as plain data; JSON makes objects in it show up as lost.
        return $this->cache ? json_decode((string) json_encode($data), true) : $data;
    }
}
