using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Embedded;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Storage;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Reads the bodies of orders to the embedded node of this process.</summary>
internal static class NodeBodyReader
{
    private const int MaxNameLength = 255;

    /// <returns>To be used only if there are no errors.</returns>
    public static NodeCompactionBody ReadCompaction(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(OrEmpty(body), "", errors);
        foreach (var refused in EmbeddedCapabilities.Instance.Options.Where(option => option.Refusal.Length > 0 && fields.TryGet(option.Name, out _)))
        {
            fields.Error(refused.Name, $"is not possible: {refused.Refusal}");
        }

        var read = new NodeCompactionBody(
            fields.Text("database", MaxNameLength),
            fields.Text("collection", MaxNameLength),
            fields.Flag("documents"),
            CompactionBodyReader.ReadIndexes(fields),
            fields.Flag("dryRun"),
            fields.Text("mode", MaxNameLength),
            fields.Flag("force"),
            (int?)fields.Whole(EmbeddedCapabilities.FreeSpaceTarget, 0, EmbeddedCapabilities.MaxFreeSpaceTarget),
            CompactionBodyReader.ReadRate(fields),
            fields.Flag("discardPartial"),
            fields.Flag("verify"),
            fields.Text("comment", CompactionBodyReader.MaxCommentLength));
        fields.RejectUnknown();
        var modes = EmbeddedCapabilities.Instance.Modes;
        if (read.Mode is { Length: > 0 } mode && !modes.Contains(mode))
        {
            fields.Error("mode", $"'{mode}' is unknown; known: {string.Join(", ", modes)}");
        }

        NeedDatabase(fields, read.Database, read.Collection);
        if (read is { Documents: false, Indexes: IndexSelection.NoIndexes })
        {
            fields.Error("documents", "is false and indexes is \"none\": nothing is left to compact");
        }

        return read;
    }

    public static CompactionSettings ToSettings(NodeCompactionBody body) => new(
        body.Mode ?? "",
        body.Force ?? false,
        body.MaxBytesPerSecond ?? 0,
        body.Comment ?? "")
    {
        EngineOptions = Options(body),
        Verify = body.Verify ?? false,
    };

    private static OptionValues Options(NodeCompactionBody body)
    {
        var options = body.FreeSpaceTargetMB is { } target ? OptionValues.None.With(EmbeddedCapabilities.FreeSpaceTarget, target) : OptionValues.None;
        return body.DiscardPartial is true ? options.With(EmbeddedCapabilities.DiscardPartial, true) : options;
    }

    public static ThrottleBody ReadRate(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var rate = CompactionBodyReader.ReadRate(fields);
        if (rate is null && errors.Count == 0)
        {
            fields.Error("maxBytesPerSecond", "is required; 0 is unlimited");
        }

        fields.RejectUnknown();
        return new ThrottleBody(rate ?? 0);
    }

    public static CollectionScopeBody ReadScope(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(OrEmpty(body), "", errors);
        var scope = new CollectionScopeBody(fields.Text("database", MaxNameLength), fields.Text("collection", MaxNameLength));
        NeedDatabase(fields, scope.Database, scope.Collection);
        fields.RejectUnknown();
        return scope;
    }

    public static IndexCleanupBody ReadCleanup(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(OrEmpty(body), "", errors);
        var order = new IndexCleanupBody(
            fields.Text("database", MaxNameLength), fields.Text("collection", MaxNameLength), fields.Flag("partialCopies"));
        NeedDatabase(fields, order.Database, order.Collection);
        fields.RejectUnknown();
        return order;
    }

    /// <summary>One collection must be named, or all.</summary>
    public static ResyncBody ReadResync(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var all = fields.Flag("all");
        var needsName = body.ValueKind == JsonValueKind.Object && all != true;
        var scope = new ResyncBody(
            fields.Text("database", MaxNameLength, required: needsName),
            fields.Text("collection", MaxNameLength, required: needsName),
            fields.Text("reason", CompactionBodyReader.MaxCommentLength),
            all);
        if (all == true && (scope.Database is not null || scope.Collection is not null))
        {
            fields.Error("all", "cannot be combined with database and collection");
        }

        fields.RejectUnknown();
        return scope;
    }

    /// <summary>The settings of a collection.</summary>
    /// <returns>To be used only if there are no errors.</returns>
    public static CollectionSettings ReadSettings(JsonElement body, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var read = new CollectionBody(
            fields.Text("compression", MaxNameLength),
            (int?)fields.Whole("level", 0, CompressionSetting.HighestLevel),
            fields.Size("maxBytes", 1, long.MaxValue),
            fields.Whole("maxDocuments", 1, long.MaxValue));
        fields.RejectUnknown();
        var isCodecUnread = read.Compression is null && fields.TryGet("compression", out _);
        return CollectionSettings.Default with
        {
            Compression = isCodecUnread ? CompressionSetting.None : Compression(fields, read),
            Cap = read.MaxBytes is null && read.MaxDocuments is null ? null : new CapLimit(read.MaxBytes, read.MaxDocuments),
        };
    }

    private static CompressionSetting Compression(JsonFields fields, CollectionBody read)
    {
        try
        {
            return CompressionSetting.Create(read.Compression ?? "none", read.Level);
        }
        catch (ArgumentException e)
        {
            fields.Error(e.ParamName == "level" ? "level" : "compression", ErrorText.Of(e));
            return CompressionSetting.None;
        }
    }

    private static void NeedDatabase(JsonFields fields, string? database, string? collection)
    {
        if (collection is { Length: > 0 } && database is not { Length: > 0 })
        {
            fields.Error("database", "is required with collection");
        }
    }

    /// <summary>A request without a body is one without wishes.</summary>
    private static JsonElement OrEmpty(JsonElement body) => body.ValueKind == JsonValueKind.Null ? JsonElement.Parse("{}") : body;
}
