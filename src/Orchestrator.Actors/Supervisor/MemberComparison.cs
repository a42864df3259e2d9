using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>Sends an order to a member and waits for its answer. Throws if there is none.</summary>
internal delegate Task<object> AskMember(INodeCommand command, CancellationToken cancellation);

/// <param name="done">Changes compared.</param>
/// <param name="total">Changes to compare, about.</param>
internal delegate void ComparisonProgress(long done, long total);

/// <summary>
/// Compares the copies that the members of a replica set have of one collection, while it is written. Range by range the members give
/// digests; where these differ they list what they hold, and the documents that are not equal are looked up again until what was written
/// between two answers no longer explains the difference. Keeps one range in memory and sends no documents.
/// </summary>
/// <param name="primary">Whose copy counts where there is no majority; it also chooses the ranges.</param>
internal sealed class MemberComparison(
    long epoch,
    string database,
    string collection,
    string primary,
    IReadOnlyDictionary<string, AskMember> members,
    TimeProvider time,
    ComparisonProgress progress)
{
    /// <summary>Documents that differ, after which it is clear enough that the copy is not the same.</summary>
    public const int EnoughDifferences = 10_000;

    private const int MaxIdsAtOnce = 100;
    private const int MaxLists = 64;
    private const int MaxLooks = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly List<string> compared = [.. members.Keys.OrderBy(node => node != primary).ThenBy(node => node, StringComparer.Ordinal)];
    private readonly List<MemberNotCompared> left = [];
    private readonly Dictionary<string, Differences> differences = new(StringComparer.Ordinal);

    // An id can be in two ranges: where one member has its old version, and where another has its new one.
    private readonly HashSet<string> found = new(StringComparer.Ordinal);
    private long rows;
    private long changing;

    public async Task<CollectionComparison> Run(CancellationToken cancellation)
    {
        var looks = await Ask<RangesDigested>(
            _ => new DigestRanges(epoch, database, collection, 0, 0, []), answer => answer.NotComparable, cancellation).ConfigureAwait(false);
        var through = looks.Values.Select(look => look.Sequence).DefaultIfEmpty(0).Min();
        var tombstonesAfter = looks.Values.Select(look => look.PurgedThrough).DefaultIfEmpty(0).Max();
        var endedEarly = false;
        for (long after = 0; after < through && compared.Count > 1 && !endedEarly;)
        {
            after = await ComparePiece(after, through, tombstonesAfter, cancellation).ConfigureAwait(false);
            progress(after, through);
            endedEarly = found.Count >= EnoughDifferences;
        }

        return new CollectionComparison(
            database,
            collection,
            compared.Count > 1 ? through : 0,
            rows,
            compared.Count > 1 ? compared : [],
            compared.Count > 1 ? left : [.. left, .. compared.Select(node => new MemberNotCompared(node, "there is no other member to compare it with"))],
            [.. differences.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value.Of(entry.Key, Advice(entry.Key)))],
            changing)
        { EndedEarly = endedEarly };
    }

    private string Advice(string node) => node == primary
        ? $"{node} is primary, and the other members agree with each other but not with it: step it down ('orchestrator step-down'), then "
            + $"'orchestrator resync --node {node} --database {database} --collection {collection}' copies it again"
        : $"'orchestrator resync --node {node} --database {database} --collection {collection}' copies it again from the primary";

    /// <returns>The sequence number through which the members are compared now.</returns>
    private async Task<long> ComparePiece(long after, long through, long tombstonesAfter, CancellationToken cancellation)
    {
        // The one that chooses answers first; the others' snapshots are of a moment later.
        var chooser = compared[0];
        var chosen = await Ask<RangesDigested>(
            node => node == chooser ? Digests(after, through, [], tombstonesAfter) : null, answer => answer.NotComparable, cancellation)
            .ConfigureAwait(false);
        if (!chosen.TryGetValue(chooser, out var reference))
        {
            return after;
        }

        if (reference.Ranges.Count == 0)
        {
            return through;
        }

        var borders = reference.Ranges.Select(range => range.Through).ToList();
        var others = await Ask<RangesDigested>(
            node => node == chooser ? null : Digests(after, through, borders, tombstonesAfter), answer => answer.NotComparable, cancellation)
            .ConfigureAwait(false);
        for (var i = 0; i < borders.Count; i++)
        {
            var range = reference.Ranges[i];
            rows += range.Rows;
            if (others.Values.Any(other => other.Ranges[i].Digest != range.Digest))
            {
                await CompareVersions(range, tombstonesAfter, cancellation).ConfigureAwait(false);
            }
        }

        return borders[^1];
    }

    private DigestRanges Digests(long after, long through, IReadOnlyList<long> borders, long tombstonesAfter) =>
        new(epoch, database, collection, after, through, borders) { TombstonesAfter = tombstonesAfter };

    /// <summary>Finds the documents of a range that are not equal, and looks them up again.</summary>
    private async Task CompareVersions(RangeDigest range, long tombstonesAfter, CancellationToken cancellation)
    {
        var held = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var node in compared.ToList())
        {
            var (after, lists) = (range.After, 0);
            while (after < range.Through && lists++ < MaxLists)
            {
                var answers = await Ask<VersionsListed>(
                    each => each == node
                        ? new ListVersions(epoch, database, collection, after, range.Through, []) { TombstonesAfter = tombstonesAfter }
                        : null,
                    answer => answer.NotComparable,
                    cancellation).ConfigureAwait(false);
                if (!answers.TryGetValue(node, out var answer))
                {
                    break;
                }

                foreach (var version in answer.Versions)
                {
                    (held.TryGetValue(version.Id, out var digests) ? digests : held[version.Id] = []).Add(version.Digest);
                }

                after = answer.Through;
            }
        }

        var suspects = held
            .Where(entry => entry.Value.Count != compared.Count || entry.Value.Distinct().Count() > 1)
            .Select(entry => entry.Key)
            .Where(id => !found.Contains(id))
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var ids in suspects.Chunk(MaxIdsAtOnce))
        {
            await LookAgain(ids, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Looks documents up until each is equal, or different in the same way twice in a row.</summary>
    private async Task LookAgain(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var open = ids.ToDictionary(id => id, _ => "", StringComparer.Ordinal);
        var pause = FirstPause;
        for (var look = 1; look <= MaxLooks && open.Count > 0 && compared.Count > 1; look++)
        {
            if (look > 1)
            {
                await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
                pause *= 2;
            }

            var answers = await Ask<VersionsListed>(
                _ => new ListVersions(epoch, database, collection, 0, 0, [.. open.Keys]), answer => answer.NotComparable, cancellation).ConfigureAwait(false);
            var held = answers.ToDictionary(
                entry => entry.Key, entry => entry.Value.Versions.ToDictionary(version => version.Id, StringComparer.Ordinal), StringComparer.Ordinal);
            foreach (var (id, before) in open.ToList())
            {
                var verdict = VersionJudge.Judge(
                    [.. answers.Select(entry => new MemberVersion(
                        entry.Key, entry.Value.Sequence, entry.Value.PurgedThrough, held[entry.Key].GetValueOrDefault(id)))],
                    primary);
                Settle(id, before, verdict, open);
            }
        }

        changing += open.Count;
    }

    private void Settle(string id, string before, VersionVerdict verdict, Dictionary<string, string> open)
    {
        var odd = verdict is VersionVerdict.Different different ? string.Join(' ', different.Odd) : "";
        if (verdict is VersionVerdict.Equal)
        {
            open.Remove(id);
        }
        else if (odd.Length > 0 && odd == before)
        {
            open.Remove(id);
            found.Add(id);
            foreach (var node in ((VersionVerdict.Different)verdict).Odd)
            {
                (differences.TryGetValue(node, out var known) ? known : differences[node] = new Differences()).Add(id);
            }
        }
        else
        {
            open[id] = odd;
        }
    }

    /// <summary>Asks all members that are still compared, at the same time. One that does not answer as it should is compared no more.</summary>
    /// <param name="command">What to ask a member; null for nothing.</param>
    private async Task<Dictionary<string, T>> Ask<T>(
        Func<string, INodeCommand?> command, Func<T, string> whyNot, CancellationToken cancellation)
        where T : class
    {
        var asked = compared
            .Select(node => (Node: node, Command: command(node)))
            .Where(each => each.Command is not null)
            .Select(each => (each.Node, Answer: Answer(each.Node, each.Command!, whyNot, cancellation)))
            .ToList();
        var answers = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (node, answer) in asked)
        {
            var (given, reason) = await answer.ConfigureAwait(false);
            if (given is not null)
            {
                answers[node] = given;
            }
            else
            {
                compared.Remove(node);
                left.Add(new MemberNotCompared(node, reason));
            }
        }

        return answers;
    }

    private async Task<(T? Answer, string Reason)> Answer<T>(
        string node, INodeCommand command, Func<T, string> whyNot, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await members[node](command, cancellation).ConfigureAwait(false) switch
            {
                T answer when whyNot(answer).Length == 0 => (answer, ""),
                T answer => (null, whyNot(answer)),
                CommandRefused refused => (null, refused.Reason),
                var other => (null, $"it answered with {other.GetType().Name}"),
            };
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return (null, $"it does not answer: {e.Message}");
        }
    }

    /// <summary>What a member differs in, of which the ids are kept in part.</summary>
    private sealed class Differences
    {
        private const int MaxIds = 100;

        private readonly List<string> ids = [];
        private long count;
        private string first = "";
        private string last = "";

        public void Add(string id)
        {
            first = count == 0 || string.CompareOrdinal(id, first) < 0 ? id : first;
            last = count == 0 || string.CompareOrdinal(id, last) > 0 ? id : last;
            count++;
            if (ids.Count < MaxIds)
            {
                ids.Add(id);
            }
        }

        public MemberDifference Of(string node, string advice) =>
            new(node, count, first, last, [.. ids.Order(StringComparer.Ordinal)], advice);
    }
}
