using Akka.Event;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// What is done about damage that work off the mailbox finds, for example a read. Damaged documents are reported as when a write finds them. A damaged
/// index is built again: it holds nothing that the documents do not have.
/// </summary>
internal sealed class FoundDamage(ICollection collection, CollectionIndexes indexes)
{
    /// <summary>The collection learns that a file is damaged. Any thread.</summary>
    public static void Tell(ICollection collection, CorruptFileException damage) =>
        collection.Self.Tell(new DamageFound(damage), collection.Self);

    /// <summary>Why work failed; the collection learns of it if a damaged file is the reason. Any thread.</summary>
    public static string Reason(ICollection collection, Exception error)
    {
        if (error is CorruptFileException damage)
        {
            Tell(collection, damage);
        }

        return error.Message;
    }

    public void On(DamageFound found)
    {
        var (damage, directory) = (found.Damage, collection.Store.Directory);
        if (damage.File != Path.Combine(directory.Path, CollectionDirectory.DocumentsFile))
        {
            indexes.BuildAgain(damage);
        }
        else if (collection.LastReport.Condition != CollectionCondition.Failed)
        {
            collection.Log.Error(damage, "{0} cannot be read", collection.Name);
            collection.NoteDamage($"cannot be read: {damage.Message}");
            collection.Report();
        }
    }
}
