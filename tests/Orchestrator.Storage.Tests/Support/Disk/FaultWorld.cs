using Orchestrator.Storage.Compaction;

namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>A collection on a disk that fails, and what it must have.</summary>
internal sealed class FaultWorld : IDisposable
{
    private static int numbers;
    private readonly StorageOptions options;
    private readonly List<Model> mayBe = [];
    private readonly string sourceData;
    private CollectionStore? store;
    private CollectionStore? source;
    private bool reopened;
    private Action<string> hit = static _ => { };

    public FaultWorld(TemporaryDirectory directory, Prepared prepared)
    {
        var data = Path.Combine(directory.Path, $"world-{Interlocked.Increment(ref numbers)}");
        Copy(prepared.Data, data);
        sourceData = prepared.Source;
        Model = prepared.Model.Copy();
        SourceModel = prepared.SourceModel.Copy();
        Disk = new WatchedDisk(data);
        options = prepared.Options with { Files = new DiskFiles(Disk), Failpoint = point => hit(point) };
        Open();
    }

    /// <summary>Files as they are before the faults.</summary>
    /// <param name="Source">The same collection, for another member, as it was before the scenario began.</param>
    public sealed record Prepared(string Data, string Source, Model Model, Model SourceModel, StorageOptions Options);

    public WatchedDisk Disk { get; }

    public Model Model { get; private set; }

    /// <summary>What the other member has.</summary>
    public Model SourceModel { get; }

    public Random Random { get; } = new(5);

    public bool IsOpen => store is not null;

    public CollectionStore Store => store ?? throw new InvalidOperationException("The collection is not open.");

    /// <summary>Another member, whose disk does not fail; it has the same changes at first.</summary>
    public CollectionStore Source => source ??= Stores.OpenAt(SourceCopy(), Options);

    public static StorageOptions Options { get; } = Stores.Small with { WriteAheadLogBytes = 64 << 10, CopyBatchBytes = 16 << 10, ParallelIndexes = 1 };

    public static Prepared Prepare(TemporaryDirectory directory, FaultScenario scenario)
    {
        var random = new Random(3);
        var model = new Model();
        var data = Path.Combine(directory.Path, "prepared");
        var another = Path.Combine(directory.Path, "source");
        using (var store = Stores.OpenAt(data, scenario.Options, null, Stores.ByCity, Stores.ByNumber))
        {
            scenario.Fill(store, model, random);
        }

        var sourceModel = model.Copy();
        Copy(data, another);
        using (var store = Stores.OpenAt(data, scenario.Options, null, Stores.ByCity, Stores.ByNumber))
        {
            scenario.Prepare(store, model);
        }

        return new Prepared(data, another, model, sourceModel, scenario.Options);
    }

    public void Open()
    {
        store = Stores.OpenAt(Disk.Directory, options, null, Stores.ByCity, Stores.ByNumber);
        reopened = true;
    }

    public void Close()
    {
        var closing = store;
        store = null;
        closing?.Dispose();
    }

    public void Commit(params IReadOnlyList<WriteOperation> writes)
    {
        IReadOnlyList<WriteOutcome> outcomes;
        try
        {
            outcomes = Store.Commit(writes, 1);
        }
        catch
        {
            mayBe.Add(Model.Foresee(writes));
            reopened = false;
            throw;
        }

        mayBe.Clear();
        Model.Take(writes, outcomes);
    }

    public void Churn(int count) => Commit(CompactionTests.Churn(Random, Model, count));

    /// <summary>The collection now has to have this, or what it had to have before.</summary>
    public void ExpectOr(Model model)
    {
        mayBe.Add(model.Copy());
        reopened = true;
    }

    /// <summary>What a failed commit wrote may be there only after the collection was opened anew.</summary>
    public void AssertEqual()
    {
        if (!Store.IsWhole)
        {
            // It lacks documents, and says so.
            return;
        }

        if (reopened && Store.Position.Seq != Model.LastSeq && mayBe.Find(model => Matches(model)) is { } found)
        {
            Model = found.Copy();
            mayBe.Clear();
        }

        Model.AssertEqual(Store);
    }

    /// <summary>Compacts everything, with a write before each final step.</summary>
    /// <param name="breakOffAfter">Stages.</param>
    public void Compact(CompactionRequest request, int breakOffAfter = int.MaxValue)
    {
        using var cancel = new CancellationTokenSource();
        using var job = Store.Compaction.Start(request);
        var left = breakOffAfter;
        hit = _ =>
        {
            if (--left == 0)
            {
                cancel.Cancel();
            }
        };
        try
        {
            do
            {
                job.RunOnline(cancel.Token);
                if (request.Mode != CompactionMode.Exclusive && Random.Next(3) == 0)
                {
                    Churn(3);
                }
            }
            while (Store.Compaction.FinishUnit(job) != FinishOutcome.Done);
        }
        catch (OperationCanceledException)
        {
            // As intended.
        }
        finally
        {
            hit = static _ => { };
        }
    }

    /// <summary>Takes everything over from the other member.</summary>
    public void Replicate(int pieces)
    {
        ExpectOr(SourceModel);
        for (var round = 0; round < 1000; round++)
        {
            var batch = Source.ReadChanges(Store.Feed.ReceivedThrough.Seq, pieces);
            Store.Feed.Apply(batch);
            if (batch.AtEnd)
            {
                if (Store.IsWhole)
                {
                    Model = SourceModel.Copy();
                    mayBe.Clear();
                }

                return;
            }
        }
    }

    /// <summary>The other member goes on in a new term, if it has not yet.</summary>
    public void Lead(int count)
    {
        if (Source.Position.Seq <= Math.Max(Store.Position.Seq, Model.LastSeq) || Source.Feed.TermHistory[^1].Term == 1)
        {
            SourceModel.Commit(Source, CompactionTests.Churn(Random, SourceModel, count), 2);
        }
    }

    public void Dispose()
    {
        Disk.Decide = null;
        Close();
        source?.Dispose();
        Disk.Dispose();
        Directory.Delete(Disk.Directory, recursive: true);
        if (source is not null)
        {
            Directory.Delete(Disk.Directory + "-source", recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private string SourceCopy()
    {
        Copy(sourceData, Disk.Directory + "-source");
        return Disk.Directory + "-source";
    }

    private bool Matches(Model model)
    {
        try
        {
            model.AssertEqual(Store);
            return true;
        }
        catch (Xunit.Sdk.XunitException)
        {
            return false;
        }
    }
}
