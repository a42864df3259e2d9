namespace Orchestrator.Actors.Nodes;

/// <summary>When the catalog must be read: one read is under way at a time, and a change meanwhile makes another one due.</summary>
internal sealed class CatalogReads
{
    private bool reading;
    private bool due = true;

    /// <summary>The catalog has changed, or what is known of it has.</summary>
    public void Changed() => due = true;

    /// <summary>Whether a read shall begin now.</summary>
    public bool TryBegin()
    {
        if (reading || !due)
        {
            return false;
        }

        reading = true;
        due = false;
        return true;
    }

    /// <summary>A read has ended. Gives whether nothing changed while it was under way.</summary>
    public bool Ended()
    {
        reading = false;
        return !due;
    }
}
