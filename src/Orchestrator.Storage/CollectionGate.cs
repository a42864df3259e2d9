namespace Orchestrator.Storage;

/// <summary>Whether an open collection can be worked with: it is closed by the mode <c>exclusive</c>, and for good by a swap that is neither done nor undone.</summary>
internal sealed class CollectionGate(CollectionDirectory directory)
{
    private volatile bool _isOffline;
    private volatile string? _failure;

    /// <summary>True while a compaction of the mode <c>exclusive</c> is under way. Any thread.</summary>
    public bool IsOffline
    {
        get => _isOffline;
        set => _isOffline = value;
    }

    /// <summary>Only a start can tell which file is the right one: no write may be acknowledged until then, and nothing be read.</summary>
    public void Fail(string why) => _failure = why;

    /// <exception cref="CollectionOfflineException"/>
    /// <exception cref="StorageException">The collection must be opened again.</exception>
    public void RequireOpen()
    {
        if (_isOffline)
        {
            throw new CollectionOfflineException(directory.ToString());
        }

        RequireSound();
    }

    /// <summary>As <see cref="RequireOpen"/>, for the compaction that keeps the collection offline.</summary>
    /// <exception cref="StorageException">The collection must be opened again.</exception>
    public void RequireSound()
    {
        if (_failure is { } why)
        {
            throw new StorageException(why);
        }
    }
}
