using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Akka.Embedded.Tests.Api;

/// <summary>
/// Renders the types of signatures, so that a member and a reference to it from another assembly read the same: full names with the
/// number of generic parameters, <c>!n</c> and <c>!!n</c> for parameters of the type and of the method.
/// </summary>
internal sealed class MetadataNames : ISignatureTypeProvider<string, object?>
{
    public static MetadataNames Instance { get; } = new();

    public static string Of(MetadataReader reader, EntityHandle type) => type.Kind switch
    {
        HandleKind.TypeDefinition => Of(reader, (TypeDefinitionHandle)type),
        HandleKind.TypeReference => Of(reader, (TypeReferenceHandle)type),
        HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(Instance, null),
        _ => "",
    };

    /// <summary>The name of a generic type without its arguments.</summary>
    public static string Definition(string name)
    {
        var arguments = name.IndexOf('<', StringComparison.Ordinal);
        return arguments < 0 ? name : name[..arguments];
    }

    public static string Signature(string name, MethodSignature<string> signature) =>
        $"{name}({string.Join(", ", signature.ParameterTypes)}){(signature.GenericParameterCount > 0 ? "`" + signature.GenericParameterCount : "")}";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "fnptr";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Of(reader, handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Of(reader, handle);

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => Of(reader, handle);

    private static string Of(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var outer = type.GetDeclaringType();
        return Join(outer.IsNil ? "" : Of(reader, outer), reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    private static string Of(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var outer = type.ResolutionScope.Kind == HandleKind.TypeReference ? Of(reader, (TypeReferenceHandle)type.ResolutionScope) : "";
        return Join(outer, reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    private static string Join(string outer, string space, string name) => outer.Length > 0 ? $"{outer}+{name}" : space.Length > 0 ? $"{space}.{name}" : name;
}
