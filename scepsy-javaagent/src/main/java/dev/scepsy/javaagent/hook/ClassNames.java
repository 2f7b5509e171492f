package dev.scepsy.javaagent.hook;

/** Names of classes for people. */
final class ClassNames {

    private ClassNames() {}

    /** The simple name; for an anonymous or hidden class what follows the last dot. */
    static String simple(Class<?> type) {
        String simple = type.getSimpleName();
        if (!simple.isEmpty() && !type.isHidden()) {
            return simple;
        }
        return simple(type.getName());
    }

    static String simple(String name) {
        String withoutHiddenSuffix = name.indexOf('/') < 0 ? name : name.substring(0, name.indexOf('/'));
        int cut = Math.max(withoutHiddenSuffix.lastIndexOf('.'), withoutHiddenSuffix.lastIndexOf('$'));
        String simple = withoutHiddenSuffix.substring(cut + 1);
        return simple.isEmpty() || Character.isDigit(simple.charAt(0))
                ? withoutHiddenSuffix.substring(withoutHiddenSuffix.lastIndexOf('.') + 1)
                : simple;
    }
}
