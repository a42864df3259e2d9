namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// When the catalog must be read: one read is under way at a time; a change meanwhile makes another one due, and so does a
/// failure.
/// </summary>
internal sealed class CatalogReads
{
    private bool reading;
    private bool due = true;

    /// <summary>Whether this node has written to the catalog since the read under way began.</summary>
    public bool IsOutdated { get; private set; }

    /// <summary>The catalog has changed, or what is known of it has.</summary>
    public void Changed() => due = true;

    /// <summary>This node has written to the catalog.</summary>
    public void Wrote()
    {
        due = true;
        IsOutdated = reading;
    }

    /// <summary>Whether a read shall begin now.</summary>
    public bool TryBegin()
    {
        if (reading || !due)
        {
            return false;
        }

        reading = true;
        due = false;
        IsOutdated = false;
        return true;
    }

    /// <summary>The contents were read. Gives whether nothing changed while they were.</summary>
    public bool Succeeded()
    {
        reading = false;
        return !due;
    }

    /// <summary>The contents could not be read, or will not be told any more: the catalog has been opened again.</summary>
    public void Failed()
    {
        reading = false;
        due = true;
    }
}
